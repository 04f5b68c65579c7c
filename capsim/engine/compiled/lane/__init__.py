"""The lane: a form of its own for the commonest systems, about twice as fast as the general one.

A step of servers that each have a line and one instance, and nothing that turns requests away. A request meets one
line, waits there in the order of arrival and is answered with its batch, so that it needs no token: the cell of the
server's ring is the request, and those of a batch lie side by side. The lane knows nothing that the general form does
not, and is compared with it; what the model learns to do goes into the general form alone.
"""
