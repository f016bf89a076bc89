"""copy.deepcopy on values like W2, W5 and W9. Prints a line of JSON for each: processor time."""

import copy
import json
import random
import statistics
import sys
import threading
import time


class Contact:
    def __init__(self, id, name, address):
        self.id, self.name, self.address = id, name, address


class Expr:
    def __init__(self, name, below):
        self.name, self.below = name, below


class Node:
    def __init__(self, id):
        self.id, self.edges = id, []


def contacts():
    return [Contact(n, f"contact number {n}", f"{n} Long Street, Springfield") for n in range(10_000)]


def tree(nodes=100_000):
    all = [Expr("name0", [])]
    for n in range(1, nodes):
        node = Expr(f"name{n}", [])
        all[(n - 1) // 3].below.append(node)
        all.append(node)
    return all[0]


def graph(nodes=100_000):
    generator = random.Random(9)
    all = [Node(n) for n in range(nodes)]
    for node in all:
        node.edges = [all[generator.randrange(nodes)] for _ in range(4)]
    return all


def main():
    rounds = int(sys.argv[1])
    for workload, make in [("W2", contacts), ("W5", tree), ("W9", graph)]:
        value = make()
        taken = []
        try:
            for _ in range(rounds):
                begun = time.thread_time_ns()
                copied = copy.deepcopy(value)
                taken.append(time.thread_time_ns() - begun)
                del copied
            print(json.dumps({"workload": workload, "nanoseconds": statistics.median(taken)}))
        except RecursionError:
            print(json.dumps({"workload": workload, "error": "it exceeds the recursion limit"}))


# Graphs are deep, and deepcopy recurses.
sys.setrecursionlimit(10_000_000)
threading.stack_size(1 << 30)
thread = threading.Thread(target=main)
thread.start()
thread.join()
