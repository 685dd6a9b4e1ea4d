#include "host/words.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

namespace sideman {

namespace {

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t above = row[j];
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above + 1, row[j - 1] + 1, replaced});
      diagonal = above;
    }
  }
  return row.back();
}

}  // namespace

Atom number_atom(double value) {
  constexpr double exact = 9007199254740992.0;  // every whole number below it is a double
  if (std::abs(value) < exact && value == std::floor(value)) {
    return static_cast<int64_t>(value);
  }
  return value;
}

std::string to_text(const Atom& atom) {
  if (const auto* whole = std::get_if<int64_t>(&atom)) {
    return std::to_string(*whole);
  }
  if (const auto* real = std::get_if<double>(&atom)) {
    char text[32];
    std::snprintf(text, sizeof text, "%.6g", *real);
    return text;
  }
  return std::get<std::string>(atom);
}

std::string to_text(std::span<const Atom> atoms) {
  std::string text;
  for (const Atom& atom : atoms) {
    if (!text.empty()) {
      text += ' ';
    }
    text += to_text(atom);
  }
  return text;
}

std::optional<double> to_number(const Atom& atom) {
  if (const auto* whole = std::get_if<int64_t>(&atom)) {
    return static_cast<double>(*whole);
  }
  if (const auto* real = std::get_if<double>(&atom)) {
    return *real;
  }
  return std::nullopt;
}

std::string nearest_name(std::string_view word, std::span<const std::string_view> names) {
  std::string nearest;
  size_t least = std::max<size_t>(2, word.size() / 2) + 1;
  for (const std::string_view name : names) {
    const size_t distance = edit_distance(word, name);
    if (distance < least && distance < name.size()) {
      least = distance;
      nearest = name;
    }
  }
  return nearest;
}

}  // namespace sideman
