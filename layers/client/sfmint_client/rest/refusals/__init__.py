"""What a refusal of Salesforce's REST API means: the error that callers meet, and what to do about it.

Sources: REST API Developer Guide, "Status Codes and Error Responses"; SOAP API Developer Guide, "StatusCode" and
"ExceptionCode", whose codes REST answers as `errorCode`; Bulk API Developer Guide, "Errors". The words are our own.
"""
