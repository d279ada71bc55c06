"""Reads a recording with h5py and draws it with matplotlib."""

import h5py
import matplotlib

matplotlib.use('Agg')  # draws files, also where there is no screen
import matplotlib.pyplot as plt
import numpy as np

with h5py.File('ring.h5') as f:
    # A variable is a group: the uids, and a matrix with a row for each sample and a column for each uid.
    uids = f['V/uids'][:].astype(str).tolist()
    V = f['V/data'][:]
    meta = f['metadata'].attrs
    t = meta['start_time'] + meta['first_sample_time'] + meta['dt'] * meta['sample_interval'] * np.arange(len(V))

    # Spikes are two lists: the time of each in seconds, and its neuron as an index into the uids.
    spiking = f['spike_state/uids'][:].astype(str)
    time, index = f['spike_state/data/time'][:], f['spike_state/data/index'][:]

print(f'{len(time)} spikes of {len(spiking)} neurons; the first one is back at {spiking[0]} at {time[index == 0][1]:.3f} s')

fig, (top, bottom) = plt.subplots(2, sharex=True, figsize=(8, 5), layout='constrained')
top.scatter(time, index, s=4)
top.set_ylabel('neuron')
for uid in ['n0', 'n20']:
    bottom.plot(t, V[:, uids.index(uid)], label=uid)
bottom.set_ylabel('membrane potential (mV)')
bottom.set_xlabel('time (s)')
bottom.legend(loc='upper right')
fig.savefig('ring.png', dpi=100)
