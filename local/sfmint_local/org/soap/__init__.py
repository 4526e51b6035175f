"""The Metadata API by SOAP: reading, listing and retrieving what is in Setup. Deploying goes by REST.

Source: Metadata API Developer Guide, readMetadata(), listMetadata(), describeMetadata(), retrieve().
"""
