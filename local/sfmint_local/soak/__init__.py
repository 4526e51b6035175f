"""The soak: many processes under load, everything around them failing at random, and a judge that looks at each answer.

``python -m sfmint_local.soak --minutes 3 --seed 7 --store dynamodb``

- `fleet`: the execution environments; they are killed and replaced, frozen and thawed, and their clocks are off.
- `callers`, `operators`: the load.
- `org_weather`, `aws_weather`, `process_weather`: what fails. Storms and calm spells take turns; a calm spell begins
  with a flush, so that in it nothing excuses an error.
- `grants`: what the org says of itself; `history`: what was done to it all; `judge`: what is a wrong answer; `jury`: the
  judge at work.
"""
