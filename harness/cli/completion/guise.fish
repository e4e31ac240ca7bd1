# Completion for fish. It asks guise itself, so it needs no care of its own.
complete -c guise -f
complete -c guise -n __fish_use_subcommand \
  -a "(guise --help | string match -rg '^  ([a-z]+) ')"
complete -c guise -n "not __fish_use_subcommand" -F \
  -a "(guise (commandline -opc)[2] --help 2>/dev/null | string match -rg '(--[a-z][a-z-]*)')"
