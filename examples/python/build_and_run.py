"""Builds a ring of neurons with networkx, writes it, and runs it with nkrun."""

import subprocess

import networkx as nx

N = 40
G = nx.MultiDiGraph()
for i in range(N):
    # A neuron; `nkrun models LeakyIAF` tells what its parameters mean.
    G.add_node(f'n{i}', **{'class': 'LeakyIAF', 'resting_potential': -70.0, 'threshold': -45.0, 'reset_potential': -65.0,
                           'capacitance': 0.07, 'resistance': 200.0, 'initV': -70.0})
for i in range(N):
    # A synapse is a node, too: each neuron drives the next one, 2 ms later.
    G.add_node(f's{i}', **{'class': 'AlphaSynapse', 'ar': 1.1, 'ad': 1.9, 'gmax': 0.042, 'reverse': 0.0})
    G.add_edge(f'n{i}', f's{i}', delay=0.002)
    G.add_edge(f's{i}', f'n{(i + 1) % N}')
nx.write_gexf(G, 'ring.gexf.gz')

# nkrun does the rest. check=True raises an exception where it fails; what it says goes to the terminal.
subprocess.run(['nkrun', 'config.yaml'], check=True)
