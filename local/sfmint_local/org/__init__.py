"""The embedded Salesforce org: a strict stand-in over real TLS, for the demo and the tests.

Run it with ``python -m sfmint_local.org --state DIR [--port N]``. It listens on 127.0.0.1 only, writes ``DIR/ca.pem``
and, once it answers, ``DIR/org.json`` (address, authority, control token); `OrgControl.from_state` reads that.
docs/local-stack.md says what it knows, and has the commands to a running one (`commands`).

Strict, as Salesforce is:

- ``/services/oauth2/token``: form body, JWT bearer grant, RS256 alone, a known consumer key, the signature against the
  app's registered certificate (RSA of 2048 bits or more, under 4 KB), audience, expiry with three minutes of grace, a
  ``jti`` once, user, IP restriction, permitted users, logins an hour. Each refusal has Salesforce's code and words.
- Sessions: opaque tokens end by idle time, of which only activity in the second half of the window counts; tokens that
  are JWTs end at their ``exp``; revocation ends both. A token is good on its own origin only: with another ``Host``
  (``127.0.0.1`` for ``localhost``) it is refused like a dead one, and logins are "not supported on this domain".
- REST: Salesforce's error bodies, ``Sforce-Limit-Info``, versions, paging, the ``api`` scope.

- Setup: users, rights, permission sets, apps. Deployments by REST, reading by SOAP, SOQL and records; who lacks the
  right is refused. Where orgs differ there is a setting (`Differences`).

Made up: Account, in memory; SOQL without subqueries, groups and parentheses; the daily API limit that never resets;
faults, which wrap or replace the true answer (`faults`); the control interface ``/_org/``; and a page of 25 rows, so
that few rows already make several pages.

What Salesforce does and this does not: other grants, blocking of an address after many failed logins, Experience Cloud
sites, Bulk, the rest of the Metadata and Tooling APIs, permission set groups, token introspection; 405 for a wrong
method of the REST API (here 404). Where Salesforce's own order of checks is not published, the order here is: app,
signature, audience, expiry, replay, login rate, user, permission.

Counters: ``token_requests`` counts every call of the token endpoint; ``logins_attempted`` those that reached the
login, granted or refused; a fault that replaces the answer (a 503, say) stops the call before it. ``api_requests``
counts REST calls with a live session, ``api_refused`` those without.
"""
