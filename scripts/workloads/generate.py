#!/usr/bin/python3
"""Writes the networks that simulators are compared on.

    generate.py DIR                     all of them: w1_4k w1_40k w2_4k w3 w4
    generate.py DIR w1_4k w3            some of them
    generate.py --check DIR [NAME ...]  compare files that are there with what they should be
    generate.py --graphs DIR [w4]       besides, W4 as graphs of components: GEXF, and tables in CSV

Each network is a folder of .npy arrays, which `nkrun bench run` reads, and of the same numbers without headers in the order
that the plain C loops of cref/ read. Every file comes out with the same bytes everywhere: numbers are drawn from numpy's PCG64 with a
fixed seed, and the order of the calls is part of a network's definition.

    w1_4k, w1_40k  Vogels and Abbott (2005), 4,000 and 40,000 neurons: 319,177 and 3,200,387 connections
    w2_4k          Brette et al. (2007), benchmark 3, Hodgkin-Huxley neurons: 320,562 connections
    w3             the shape of a whole fly brain (Shiu et al. 2024): 138,639 neurons, 15,091,983 connections, 60 sources
    w4             the shape of a generic LPU: 10,000 neurons, a million alpha synapses with their own rates, 100,000 graded ones

W3 needs 0.7 GB of memory; everything together takes some 10 seconds and 370 MB of disk, the graphs as long again and 1.4 GB.
"""
import argparse
import hashlib
import os
import sys

import numpy as np

import graphs

# The first 8 bytes of the SHA-256 of files of which all others follow.
CHECKS = {
    'w1_4k': {'post.npy': '3482a633dfecb3d1'},
    'w1_40k': {'post.npy': '5265c81de39d6d4d'},
    'w2_4k': {'post.npy': 'd750c033d528d315'},
    'w3': {'post.npy': '2449d117a29bc22a', 'w.npy': '92f6710e6fb843be'},
    'w4': {'a_post.npy': '17a198a8c4e989f4'},
}


class Folder:
    """A folder that takes arrays, with the header of numpy or without."""

    def __init__(self, path):
        self.path = path
        os.makedirs(path, exist_ok=True)

    def numpy(self, **arrays):
        for name, array in arrays.items():
            np.save(os.path.join(self.path, name + '.npy'), array)

    def raw(self, **arrays):
        """Writes name.f32, name.i32 or name.i64, as the type of the array says."""
        for name, array in arrays.items():
            array.tofile(os.path.join(self.path, f'{name}.{array.dtype.kind}{8 * array.itemsize}'))


def single(array):
    return np.asarray(array, np.float32)


def generator(seed):
    return np.random.Generator(np.random.PCG64(seed))


def starts(sorted_ids, n, dtype=np.int64):
    """Where the entries of each of the n ids begin in an array that is sorted by id, and where the last ones end."""
    ends = np.cumsum(np.bincount(sorted_ids, minlength=n))
    return np.concatenate([[0], ends]).astype(dtype)


def random_targets(rng, n, p):
    """Connects each neuron to each with probability p, itself included: a binomial number of targets, drawn without repeats."""
    targets = []
    for _ in range(n):
        degree = rng.binomial(n, p)
        targets.append(np.sort(rng.choice(n, size=degree, replace=False)).astype(np.int32))
    degrees = [len(t) for t in targets]
    return np.repeat(np.arange(n, dtype=np.int32), degrees), np.concatenate(targets)


def vogels_abbott(folder, n, p, seed):
    rng = generator(seed)
    pre, post = random_targets(rng, n, p)
    v0 = rng.uniform(-60.0, -50.0, n)
    folder.numpy(pre=pre, post=post, v0=v0)
    folder.raw(off=starts(pre, n), post=post, v0=single(v0))


def hodgkin_huxley(folder, n, p, seed):
    rng = generator(seed)
    pre, post = random_targets(rng, n, p)
    # The order of the operations decides about the last bit.
    v0 = -60.0 + 5.0 * rng.standard_normal(n) - 5.0
    ge0 = np.maximum(0.0, (4.0 + 1.5 * rng.standard_normal(n)) * 10.0)
    gi0 = np.maximum(0.0, (20.0 + 12.0 * rng.standard_normal(n)) * 10.0)
    folder.numpy(pre=pre, post=post, v0=v0, ge0=ge0, gi0=gi0)
    folder.raw(off=starts(pre, n), post=post, v0=single(v0), ge0=single(ge0), gi0=single(gi0))


def brain_edges(rng, n, edges):
    """Draws connections with log-normal in- and out-degrees, without repeats and without loops, sorted by source and target."""
    out_share = np.exp(1.15 * rng.standard_normal(n))
    in_share = np.exp(1.0 * rng.standard_normal(n))
    out_share /= out_share.sum()
    in_share /= in_share.sum()
    upto = np.cumsum(in_share)
    upto[-1] = 1.0  # rounding may leave it below, and then a target beyond the last neuron could be drawn

    degree = np.minimum(rng.multinomial(int(edges * 1.02), out_share), 10000)
    pre = np.repeat(np.arange(n, dtype=np.int64), degree)
    post = np.searchsorted(upto, rng.random(pre.size), side='right')
    other = pre != post
    pairs = np.unique(pre[other] * n + post[other])
    pairs = pairs[np.sort(rng.choice(pairs.size, edges, replace=False))]
    return (pairs // n).astype(np.int32), (pairs % n).astype(np.int32)


def whole_brain(folder, n, edges, sources, steps, seed):
    rng = generator(seed)
    pre, post = brain_edges(rng, n, edges)
    count = np.minimum(np.ceil(np.exp(0.6 + rng.standard_normal(edges))), 500).astype(np.int32)
    inhibitory = rng.random(n) < 0.40
    weight = single(np.where(inhibitory[pre], -count, count))

    # Some excitatory neurons give their connections, made stronger, to sources of spikes with the ids from n on.
    degree = np.bincount(pre, minlength=n)
    able = np.flatnonzero(~inhibitory & (degree >= 100) & (degree <= 400))
    driven = np.sort(rng.choice(able, sources, replace=False)).astype(np.int32)
    weight[np.isin(pre, driven)] *= np.float32(2.5)
    renumbered = np.arange(n, dtype=np.int32)
    renumbered[driven] = n + np.arange(sources)
    pre = renumbered[pre]
    order = np.argsort(pre, kind='stable')  # targets stay sorted within a source
    pre, post, weight = pre[order], post[order], weight[order]

    step, source = np.nonzero(rng.random((steps, sources)) < 150.0 * 1e-4)
    step, source = step.astype(np.int32), source.astype(np.int32)
    bias = single(0.85 * rng.uniform(0.0, 9.0, n))
    v0 = rng.uniform(-52.0, -45.0, n)

    folder.numpy(pre=pre, post=post, w=weight, drv=driven, src_step=step, src_id=source, bias=bias, v0b=v0)
    folder.raw(off=starts(pre, n + sources), post=post, w=weight, soff=starts(step, steps, np.int32), sid=source, bias=bias, v0b=single(v0))


def random_pairs(rng, first, n, targets, edges):
    """Draws pairs of a source, one of n from first on, and a target, without repeats, sorted by source and target."""
    pairs = np.unique(rng.integers(0, n * targets, int(edges * 1.05), dtype=np.int64))
    pairs = pairs[np.sort(rng.choice(pairs.size, edges, replace=False))]
    return (pairs // targets + first).astype(np.int32), (pairs % targets).astype(np.int32)


def generic(folder, half, alphas, graded, seed):
    rng = generator(seed)
    n = 2 * half
    a_pre, a_post = random_pairs(rng, 0, half, n, alphas)
    g_pre, g_post = random_pairs(rng, half, half, n, graded)
    ar = single(rng.uniform(0.08, 0.14, alphas))
    ad = single(rng.uniform(1.5, 2.3, alphas))
    onto_spiking = a_post < half
    gmax = single(np.where(onto_spiking, 3e-5, 3.1e-4))
    rev = single(np.where(onto_spiking, 65.0, 10.0))
    v0 = np.concatenate([rng.uniform(-60.0, -25.2, half), np.full(half, -52.14)])
    drive = single(np.concatenate([np.zeros(half), rng.uniform(0.0, 30.0, half)]))
    folder.numpy(a_pre=a_pre, a_post=a_post, ar=ar, ad=ad, gmax=gmax, rev=rev, g_pre=g_pre, g_post=g_post, v0=v0, Iext=drive)

    # The loop sums over the synapses of a neuron, and so has them in the order of their targets. Spikes find theirs through oidx.
    by_target = np.lexsort((a_pre, a_post))
    sources = a_pre[by_target]
    graded_by_target = np.lexsort((g_pre, g_post))
    Folder(os.path.join(folder.path, 'raw')).raw(
        off=starts(a_post, n, np.int32), pre=sources, ar=ar[by_target], ad=ad[by_target], gm=gmax[by_target], rv=rev[by_target],
        oidx=np.argsort(sources, kind='stable').astype(np.int32), ooff=starts(sources, n, np.int32),
        goff=starts(g_post, n, np.int32), gpre=g_pre[graded_by_target], v0=single(v0), Iext=drive)


NETWORKS = {
    'w1_4k': lambda folder: vogels_abbott(folder, 4000, 0.02, 101),
    'w1_40k': lambda folder: vogels_abbott(folder, 40000, 0.002, 102),
    'w2_4k': lambda folder: hodgkin_huxley(folder, 4000, 0.02, 201),
    'w3': lambda folder: whole_brain(folder, 138639, 15091983, 60, 10000, 301),
    'w4': lambda folder: generic(folder, 5000, 1000000, 100000, 401),
}


def check(directory, names):
    """Compares the files of networks with their checksums, and returns what differs."""
    wrong = []
    for name in names:
        for file, want in CHECKS[name].items():
            path = os.path.join(directory, name, file)
            try:
                with open(path, 'rb') as f:
                    found = hashlib.sha256(f.read()).hexdigest()[:16]
            except OSError as e:
                wrong.append(f'{path}: {e.strerror}')
                continue
            if found != want:
                wrong.append(f'{path}: SHA-256 begins with {found}, expected {want}; delete it and generate the network again')
    return wrong


def main():
    p = argparse.ArgumentParser(description='Writes the networks that simulators are compared on.')
    p.add_argument('directory', metavar='DIR')
    p.add_argument('names', metavar='NAME', nargs='*', help='networks, default all: ' + ' '.join(NETWORKS))
    p.add_argument('--check', action='store_true', help='write nothing, compare checksums of what is there')
    p.add_argument('--graphs', action='store_true', help='write w4 as graphs, too: GEXF and CSV, with rates of their own and with shared ones (1.4 GB)')
    o = p.parse_args()
    names = o.names or list(NETWORKS)
    for name in names:
        if name not in NETWORKS:
            p.error(f'there is no network {name}; expected some of: {" ".join(NETWORKS)}')
    if o.graphs and 'w4' not in names:
        p.error('--graphs is about w4, which is not among the networks asked for')

    if not o.check:
        for name in names:
            print(name, flush=True)
            NETWORKS[name](Folder(os.path.join(o.directory, name)))
        if o.graphs:
            graphs.write(os.path.join(o.directory, 'w4'))
    wrong = check(o.directory, names)
    if wrong:
        sys.exit('\n'.join(wrong))


if __name__ == '__main__':
    main()
