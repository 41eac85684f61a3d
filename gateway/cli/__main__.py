"""`python -m gateway.cli`: the same as `wallbounce`."""

from gateway.cli import main

main()
