#pragma once
// The DSP chain of the pretended Max: one vector of one object, and what is asked before it is built.
// perform on the audio thread alone; the others on the main thread, or under the chain's lock.

#include "world.h"

namespace maxhost {

// The first outlets share their memory with the inlets: Max does that too.
void perform(const ChainItem& item, std::vector<Signal>& buffers, long samples);

// The memory of one vector: enough for the inlets and for the outlets.
std::vector<Signal> buffers_of(const ChainItem& item, size_t samples);

// Of one inlet: one, unless a multichannel cord ends there and the object counts its channels.
long channels_into(t_object* object, size_t inlet);

size_t outlets_of(t_object* object);
size_t inlets_of(t_object* object);

// As Max counts before it builds a chain: it asks about multichannel outlets.
long count_channels(t_object* object);

}  // namespace maxhost
