"""What teams have today, read as the fields of a connection: key files, key stores, environments, other secrets, sf logins."""
