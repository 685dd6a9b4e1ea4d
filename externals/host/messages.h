#pragma once
// What the object says: engine events and figures as outlet messages and console lines. Control
// threads; plain values. The README of this folder is the contract.

#include <string>
#include <vector>

#include "core/engine.h"
#include "host/words.h"

namespace sideman {

struct Message {
  std::string selector;
  Atoms atoms;
  bool operator==(const Message&) const = default;
};

enum class Loudness { note, warning, error };

struct Line {
  Loudness loudness = Loudness::note;
  std::string text;
};

// One event as a patch and a console get it; either may be empty.
std::vector<Message> messages_of(const Event& event, double host_rate);
std::vector<Line> lines_of(const Event& event);

// The answers to `info` and `bench`, each closed by its `end`.
std::vector<Message> info_messages(const EngineInfo& info, const StatsSnapshot& stats,
                                   const Settings& settings, double host_rate);
std::vector<Message> bench_messages(const EngineInfo& info);

}  // namespace sideman
