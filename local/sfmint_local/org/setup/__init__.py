"""What an administrator changes in the org: apps, their policies, permission sets, who has them.

Source: Metadata API Developer Guide, External Client Apps; Object Reference, PermissionSetAssignment and SetupEntityAccess.
"""
