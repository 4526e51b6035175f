"""What a person does with a connection's token: hand it to a program, send one request, look at an assertion."""
