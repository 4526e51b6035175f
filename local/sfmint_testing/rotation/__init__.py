"""Stand-ins for the ports of a rotation: one account of AWS and one org, which keep what the real ones promise.

`RotationWorld().ports()` of `world` is all of them. Keys are short texts, so that a whole rotation takes milliseconds; an app that
gets another certificate lets it arrive in one of three manners.
"""
