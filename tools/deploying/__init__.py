"""How a stack is deployed, put back, pruned and removed; ``tools/deploy.py`` is the command.

samconfig, template -> parameters, connections -> preflight -> artefact -> change_set -> proof. Nothing is built before
the preflight has passed, nothing is changed before the person has agreed to the change set, and the aliases are asked
afterwards. ``previous_build``, ``pruning`` and ``removal`` are the ways back and out.
"""
