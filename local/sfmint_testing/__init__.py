"""What tests of a store or a signer need: fakes of all ports, a reference store, and the contracts that every one must pass.

A backend's tests subclass `StoreContract`, `BehaviourContract` and `PromiseContract` with a fixture `backend`; a signer's
subclass `SignerContract`. `World` is one stack and one org made of the fakes.
"""
