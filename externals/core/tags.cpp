#include "core/tags.h"

#include <algorithm>

namespace sideman {

std::optional<std::vector<Tag>> read_tags(std::span<const TypedWord> words) {
  std::vector<Tag> tags;
  if (words.size() == 1 && words[0].text.empty()) return tags;
  bool weighed = true;  // no number may come now
  for (const TypedWord& word : words) {
    if (word.number) {
      if (weighed || !(*word.number >= 0.0 && *word.number <= 1.0)) return std::nullopt;
      tags.back().weight = *word.number;
      weighed = true;
      continue;
    }
    if (word.text.empty() || std::ranges::count(tags, word.text, &Tag::name) > 0) {
      return std::nullopt;
    }
    tags.push_back({.name = word.text});
    weighed = false;
  }
  if (tags.size() > most_tags) return std::nullopt;
  return tags;
}

}  // namespace sideman
