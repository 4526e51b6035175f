"""The shared row of one connection: what it holds, what to do next, and the conditional writes that change it. No I/O."""
