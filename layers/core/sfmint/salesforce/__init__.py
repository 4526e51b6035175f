"""What Salesforce wants and says: connection, hosts, assertion, token answer, refused logins. No I/O."""
