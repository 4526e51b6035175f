"""The world behind the ports: one module for each thing that is asked."""
