# shellcheck shell=bash
# Completion for bash. It asks guise itself, so it needs no care of its own:
#   . harness/cli/completion/guise.bash

_guise_words() { # the options that a command's help shows
  guise "$1" --help 2>/dev/null | grep -oE -e '--[a-z][a-z-]*'
}

_guise() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  local command=${COMP_WORDS[1]} words=

  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    words="$(guise --help | awk '/^  [a-z]/ { print $1 }') --help --version"
  elif [[ $before == --report || $before == -r ]]; then
    words="html csv junit sarif tap jsonl"
  elif [[ $before == --target || $before == -t ]]; then
    words=model
  elif [[ $before == --format ]]; then
    words="text csv json"
  elif [[ $command == bench && $word != -* ]]; then
    words='calls access sddl matrix report'
  elif [[ $word == -* ]]; then
    words=$(_guise_words "$command")
  fi
  if [[ -n $words ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
  fi
}

complete -o filenames -F _guise guise
