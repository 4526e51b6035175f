"""The demo: ``make demo`` shows each promise of sfmint on the local stack, and checks it."""
