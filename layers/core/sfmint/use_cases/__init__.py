"""What the functions do: answer from memory, obtain a token through the row, mint one, look after the rows."""
