"""What prober consists of beside its handler."""
