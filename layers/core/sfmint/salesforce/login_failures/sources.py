"""Where the rows of Salesforce's answers come from."""

FLOW = 'Salesforce Help, "OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration"'
CODES = 'Salesforce Help, "OAuth Error Codes"'
# Salesforce's own list of codes; Android: OAuthErrorCode.kt, iOS: SFOAuthErrorCode.swift.
LIST = "Salesforce's OauthErrorCode, as forcedotcom/SalesforceMobileSDK-Android and -iOS mirror it"
STANDARD = "RFC 6749 section 5.2"
BROWSER = "Salesforce's answers in a browser, /services/oauth2/authorize"
