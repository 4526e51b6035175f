"""Why a login gave no token: what a reason is, the reasons of Salesforce's and of our own, and the table of them all."""
