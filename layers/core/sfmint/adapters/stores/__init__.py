"""Where the shared rows are kept, and what seals the tokens in them."""
