"""What is decided in a rotation: no I/O, and time passed in.

`Rotation(ports, listed)` of `rotation` is the way in. A `Run(id, ends_at)` is one invocation, which Lambda ends at `ends_at` for
certain:

- `begin(connection, rotation, run) -> Standing`: Secrets Manager's create, and `start`; the same `rotation` again goes on.
- `advance(connection, run) -> Standing`: does what is due now; whoever runs it calls it again while `has_moved`, and else waits
  until `next_at`, if its time lasts so long.
- `finish(connection, run) -> Standing`: a person says that the certificate is uploaded.
- `cancel(connection, run) -> Standing`: a person wants the old key to go on.
- `standing(connection) -> Standing`: changes nothing. `status(connection)` the same, and tells which certificate is to be uploaded;
  `check(connection)` the same, if a rotation could begin.

A rotation that has ended is advanced for an hour as well: what was under way is taken away then.
"""
