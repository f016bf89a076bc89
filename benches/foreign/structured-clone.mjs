// structuredClone on values like W2, W5 and W9. Prints a line of JSON for each: processor time.

function contacts() {
  return Array.from({ length: 10_000 }, (_, id) => ({
    id,
    name: `contact number ${id}`,
    address: `${id} Long Street, Springfield`,
  }));
}

function tree(nodes = 100_000) {
  const all = [{ name: "name0", below: [] }];
  for (let n = 1; n < nodes; n++) {
    const node = { name: `name${n}`, below: [] };
    all[Math.floor((n - 1) / 3)].below.push(node);
    all.push(node);
  }
  return all[0];
}

function graph(nodes = 100_000) {
  let state = 9;
  const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0);
  const all = Array.from({ length: nodes }, (_, id) => ({ id, edges: [] }));
  for (const node of all) {
    node.edges = Array.from({ length: 4 }, () => all[random() % nodes]);
  }
  return all;
}

const rounds = Number(process.argv[2]);
for (const [workload, make] of [["W2", contacts], ["W5", tree], ["W9", graph]]) {
  const value = make();
  const taken = [];
  try {
    for (let n = 0; n < rounds; n++) {
      const begun = process.cpuUsage();
      structuredClone(value);
      const { user, system } = process.cpuUsage(begun);
      taken.push((user + system) * 1000);
    }
    taken.sort((a, b) => a - b);
    console.log(JSON.stringify({ workload, nanoseconds: taken[rounds >> 1] }));
  } catch (error) {
    console.log(JSON.stringify({ workload, error: error.message }));
  }
}
