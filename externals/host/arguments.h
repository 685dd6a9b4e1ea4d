#pragma once
// Creation arguments: `mini @parts bass drums @lead auto`. Control thread; plain values.

#include <span>
#include <string>
#include <vector>

#include "core/settings.h"

namespace sideman {

struct Arguments {
  Settings settings;
  std::vector<std::string> complaints;  // one line per argument that was left out, and why
};

// Never fails: what cannot be understood is left out and complained about.
Arguments read_arguments(std::span<const Atom> words);

}  // namespace sideman
