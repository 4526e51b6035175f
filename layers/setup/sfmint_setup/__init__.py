"""What an administrator of an org does in Setup, by API: the app of a connection, its policies, who may use it.

A session of an administrator is given to it, and never kept. It imports shared values and the client's HTTPS session
only: command line and rotation use it, the broker does not know it.
"""
