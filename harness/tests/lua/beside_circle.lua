return require "beside_circle"
