"""Writes W4 as graphs whose nodes are the neurons and synapses, as users would have them.

The node of a synapse has an edge from the neuron that drives it and one to the neuron that it drives:

    lif_17 -> a_4711 -> ml_12         an alpha synapse
    ml_3   -> g_42   -> lif_4000      a graded synapse

Two networks come out, each as GEXF in the form of networkx.write_gexf and as a pair of tables in CSV: the one of the arrays, in
which each alpha synapse has rates of its own, and one in which all have the same rates (shared_*).

Numbers are written so that reading them gives the very bits of the arrays: what the program makes of a graph can be compared
with what it makes of the arrays.
"""
import itertools
import os
from typing import NamedTuple

import numpy as np

LIF = {'resting_potential': 0.0, 'threshold': -25.1355161007, 'reset_potential': -67.5489770451, 'resistance': 1002.445570216,
       'capacitance': 0.0669810502993}
MORRIS_LECAR = {'V1': 30.0, 'V2': 15.0, 'V3': 0.0, 'V4': 30.0, 'phi': 0.025, 'V_L': -50.0, 'V_Ca': 100.0, 'V_K': -70.0, 'g_L': 0.5,
                'g_Ca': 1.1, 'g_K': 2.0, 'initn': 0.02}
GRADED = {'threshold': -50.0, 'slope': 8e-7, 'power': 1.0, 'saturation': 3e-5, 'reverse': -100.0}
SHARED_RATES = {'ar': 0.11, 'ad': 1.9}

GEXF_HEAD = '''<?xml version='1.0' encoding='utf-8'?>
<gexf xmlns="http://www.gexf.net/1.2draft" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xsi:schemaLocation="http://www.gexf.net/1.2draft http://www.gexf.net/1.2draft/gexf.xsd" version="1.2">
  <graph defaultedgetype="directed" mode="static" name="">
    <attributes mode="static" class="node">
      <attribute id="0" title="class" type="string" />
'''


class Group(NamedTuple):
    """Nodes of one class. Attributes are one number for all, or an array with one for each."""
    model: str
    ids: list
    attributes: dict


def write(folder):
    """Writes the graphs into the folder of w4, whose arrays must be there."""
    a = {name: np.load(os.path.join(folder, name + '.npy')) for name in
         ('a_pre', 'a_post', 'ar', 'ad', 'gmax', 'rev', 'g_pre', 'g_post', 'v0', 'Iext')}
    half = len(a['v0']) // 2
    neurons = [f'lif_{i}' for i in range(half)] + [f'ml_{i}' for i in range(half)]
    alphas = [f'a_{k}' for k in range(len(a['a_pre']))]
    graded = [f'g_{k}' for k in range(len(a['g_pre']))]
    synapses = list(zip(itertools.chain(a['a_pre'].tolist(), a['g_pre'].tolist()), itertools.chain(alphas, graded),
                        itertools.chain(a['a_post'].tolist(), a['g_post'].tolist())))
    for prefix, rates in ('', {'ar': a['ar'], 'ad': a['ad']}), ('shared_', SHARED_RATES):
        groups = [
            Group('LeakyIAF', neurons[:half], {**LIF, 'initV': a['v0'][:half]}),
            Group('MorrisLecar', neurons[half:], {**MORRIS_LECAR, 'initV': a['v0'][half:], 'offset': a['Iext'][half:]}),
            Group('AlphaSynapse', alphas, {**rates, 'gmax': a['gmax'], 'reverse': a['rev']}),
            Group('PowerGPotGPot', graded, GRADED),
        ]
        path = os.path.join(folder, prefix)
        write_gexf(path + 'w4.gexf', groups, neurons, synapses)
        write_tables(path + 'nodes.csv', path + 'edges.csv', groups, neurons, synapses)


def titles(groups):
    """All attributes of the groups, each once, in the order in which they first come."""
    return list(dict.fromkeys(name for g in groups for name in g.attributes))


def rows(group, names):
    """For each node of a group its id and the texts of these attributes."""
    columns = []
    for name in names:
        value = group.attributes[name]
        columns.append(map(repr, value.astype(float).tolist()) if isinstance(value, np.ndarray) else itertools.repeat(repr(value)))
    return zip(group.ids, *columns)


def write_gexf(path, groups, neurons, synapses):
    number = {title: i for i, title in enumerate(titles(groups), start=1)}
    with open(path, 'w', encoding='utf-8') as f:
        f.write(GEXF_HEAD)
        for title, i in number.items():
            f.write(f'      <attribute id="{i}" title="{title}" type="double" />\n')
        f.write('    </attributes>\n    <nodes>\n')
        for g in groups:
            values = ''.join(f'          <attvalue for="{number[title]}" value="%s" />\n' for title in g.attributes)
            node = (f'      <node id="%s" label="%s">\n        <attvalues>\n          <attvalue for="0" value="{g.model}" />\n'
                    f'{values}        </attvalues>\n      </node>\n')
            f.writelines(node % (r[0], *r) for r in rows(g, g.attributes))
        f.write('    </nodes>\n    <edges>\n')
        edge = '      <edge source="%s" target="%s" id="%d" />\n'
        for k, (pre, synapse, post) in enumerate(synapses):
            f.write(edge % (neurons[pre], synapse, 2 * k) + edge % (synapse, neurons[post], 2 * k + 1))
        f.write('    </edges>\n  </graph>\n</gexf>\n')


def write_tables(nodes, edges, groups, neurons, synapses):
    columns = titles(groups)
    with open(nodes, 'w', encoding='utf-8') as f:
        f.write(','.join(['id', 'class'] + columns) + '\n')
        for g in groups:
            held = [title for title in columns if title in g.attributes]
            line = ','.join(['%s', g.model] + ['%s' if title in held else '' for title in columns]) + '\n'
            f.writelines(line % r for r in rows(g, held))
    with open(edges, 'w', encoding='utf-8') as f:
        f.write('source,target\n')
        for pre, synapse, post in synapses:
            f.write(f'{neurons[pre]},{synapse}\n{synapse},{neurons[post]}\n')
