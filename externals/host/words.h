#pragma once
// Small helpers over atoms and names, for both hosts. Control threads only; plain values.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/settings.h"

namespace sideman {

using Atoms = std::vector<Atom>;

// A whole number stays whole, so that `4` from a host that knows floats only is 4 and not 4.0.
Atom number_atom(double value);
// The atom as a user would type it.
std::string to_text(const Atom& atom);
std::string to_text(std::span<const Atom> atoms);
std::optional<double> to_number(const Atom& atom);

// The name nearest to `word` by edit distance, or empty when none is near enough to suggest.
std::string nearest_name(std::string_view word, std::span<const std::string_view> names);

}  // namespace sideman
