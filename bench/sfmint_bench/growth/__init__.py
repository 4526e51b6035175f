"""Growth: what more callers, connections and stacks cost, on sfmint's own code with a clock that jumps from call to call."""
