"""What the README says of Python's copy.deepcopy. Exit code 0 if it holds."""

import copy
import sys
import threading
import weakref


class Node:
    def __init__(self):
        self.next = None


# An object reached twice stays one, and is a new one.
shared = [1]
left, right = copy.deepcopy((shared, shared))
assert left is right and left is not shared

# A cycle is closed.
node = Node()
node.next = node
twin = copy.deepcopy(node)
assert twin.next is twin and twin is not node

# A weak reference leads to the source, even if its target was copied.
node = Node()
target, reference = copy.deepcopy((node, weakref.ref(node)))
assert target is not node and reference() is node

# So does one whose target lies outside of what is copied: it is neither copied nor lost.
parent, child = Node(), Node()
child.parent = weakref.ref(parent)
twin = copy.deepcopy(child)
assert twin is not child and twin.parent() is parent

# The class is kept.
assert type(copy.deepcopy([node])[0]) is Node

# Depth is bounded by the interpreter's limit.
head = None
for _ in range(1_000_000):
    cell = Node()
    cell.next = head
    head = cell
try:
    copy.deepcopy(head)
except RecursionError:
    pass
else:
    raise AssertionError("a list of 1,000,000 nodes was copied")
while head is not None:
    head = head.next

# What cannot be copied is an exception that names the type, and no path.
try:
    copy.deepcopy({"scene": [threading.Lock()]})
except TypeError as error:
    assert "lock" in str(error) and "scene" not in str(error), error
else:
    raise AssertionError("a lock was copied")

print("copy.deepcopy of Python", sys.version.split()[0], "does what the README says")
