"""A whole rotation in full time, under load: what its callers see of it, measured and judged.

``python -m sfmint_local.rotation --page``
"""
