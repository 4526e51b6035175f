"""How AWS is called, and what its errors mean."""
