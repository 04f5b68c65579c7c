"""The model, written once: what happens to tokens at nodes, in lines and on servers.

Everything that happens at one instant happens in the order of `kernel.order`. When the instant is over, one decision
pass lets every station that was touched form batches, and then turns away the newest request beyond its capacity.
Nothing depends on the order in which alarms were set. What engines bring along is in `kernel.words`.
"""
