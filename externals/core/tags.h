#pragma once
// Tags say how the part shall sound: words that the model knows, each with a weight. As typed: words
// and numbers, a number weighs the word before it, a word without one weighs 1. Control and worker
// threads; plain values.

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sideman {

struct Tag {
  std::string name;
  double weight = 1.0;

  bool operator==(const Tag&) const = default;
};

inline constexpr size_t most_tags = 16;

// A word as a host sent it, and the number that it can be read as.
struct TypedWord {
  std::string text;
  std::optional<double> number;
};

// Nothing or one empty word: no tags. Nothing at all when the words make no sense: a number first
// or twice, a weight beyond 0 to 1, the same word twice, more than `most_tags`.
std::optional<std::vector<Tag>> read_tags(std::span<const TypedWord> words);

}  // namespace sideman
