#include "chain.h"

#include <algorithm>

namespace maxhost {

namespace {

PerformGuard perform_guard;

size_t heard_by(t_object* object) {
  size_t channels = 0;
  for (size_t inlet = 0; inlet < inlets_of(object); ++inlet) {
    channels += static_cast<size_t>(channels_into(object, inlet));
  }
  return channels;
}

}  // namespace

long channels_into(t_object* object, size_t inlet) {
  const std::lock_guard lock(world().boxes_mutex);
  const auto& cords = world().boxes.at(object).cords;
  const bool counts = reinterpret_cast<const t_pxobject*>(object)->z_misc & Z_MC_INLETS;
  return counts && cords.contains(inlet) ? cords.at(inlet) : 1;
}

void perform(const ChainItem& item, std::vector<Signal>& buffers, long samples) {
  std::vector<double*> memory(buffers.size());
  for (size_t i = 0; i < memory.size(); ++i) {
    memory[i] = buffers[i].data();
  }
  const auto ins = static_cast<long>(heard_by(item.object));
  if (perform_guard.before) perform_guard.before();
  item.perform(item.object, nullptr, memory.data(), ins, memory.data(), item.outs, samples, 0,
               item.user);
  if (perform_guard.after) perform_guard.after();
}

void guard_perform(PerformGuard guard) { perform_guard = guard; }

size_t outlets_of(t_object* object) {
  const std::lock_guard lock(world().boxes_mutex);
  const auto& outlets = world().boxes.at(object).outlets;
  return static_cast<size_t>(
      std::count_if(outlets.begin(), outlets.end(), [](const auto& one) { return one->signal; }));
}

size_t inlets_of(t_object* object) {
  return static_cast<size_t>(reinterpret_cast<const t_pxobject*>(object)->z_in);
}

std::vector<Signal> buffers_of(const ChainItem& item, size_t samples) {
  return std::vector<Signal>(std::max(heard_by(item.object), static_cast<size_t>(item.outs)),
                             Signal(samples));
}

long count_channels(t_object* object) {
  std::vector<bool> multichannel;  // from the left
  {
    const std::lock_guard lock(world().boxes_mutex);
    const auto& outlets = world().boxes.at(object).outlets;
    for (auto one = outlets.rbegin(); one != outlets.rend(); ++one) {
      if ((*one)->signal) multichannel.push_back((*one)->multichannel);
    }
  }
  const method ask = world().box_class->methods["multichanneloutputs"].function;
  long channels = 0;
  for (size_t index = 0; index < multichannel.size(); ++index) {
    channels += multichannel[index] ? as<long(t_object*, long)>(ask)(object, static_cast<long>(index)) : 1;
  }
  return channels;
}

}  // namespace maxhost
