// What the README says of JavaScript's structuredClone. Exit code 0 if it holds.

import assert from "node:assert/strict";

class Node {
    next = null;
}

// An object reached twice stays one, and is a new one.
const shared = [1];
const [left, right] = structuredClone([shared, shared]);
assert(left === right && left !== shared);

// A cycle is closed.
const node = new Node();
node.next = node;
const twin = structuredClone(node);
assert(twin.next === twin && twin !== node);

// The class is lost.
assert(!(twin instanceof Node));

// A weak reference is refused.
assert.throws(() => structuredClone(new WeakRef(node)), { name: "DataCloneError" });

// Depth is bounded by the stack.
let head = null;
for (let i = 0; i < 1_000_000; i++) {
    head = { next: head };
}
assert.throws(() => structuredClone(head), RangeError);

// What cannot be copied is an exception that names the value, and no path.
assert.throws(
    () => structuredClone({ scene: [() => 1] }),
    (error) => error.name === "DataCloneError" && !error.message.includes("scene"),
);

console.log("structuredClone of Node", process.version, "does what the README says");
