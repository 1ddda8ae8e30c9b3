"""The laboratory: clusters that never were, whose traffic is logged as Calico would log it and whose truth is known.

Promises: the same arguments give the same bytes; nothing reads the clock; nothing of the engine is imported, so that a
judgement here can contradict the engine. Leaves learning and recommending to the engine.
"""
