"""What is installed, built and delivered: pins, what distributions say of themselves, and bills of material."""
