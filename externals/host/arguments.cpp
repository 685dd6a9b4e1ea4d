#include "host/arguments.h"

#include "host/commands.h"
#include "host/words.h"

namespace sideman {

namespace {

bool is_setting_mark(const Atom& atom) {
  const auto* word = std::get_if<std::string>(&atom);
  return word && word->size() > 1 && word->front() == '@';
}

void take_model(std::span<const Atom> words, Arguments& arguments) {
  if (words.empty()) {
    return;
  }
  if (Status status = arguments.settings.set("model", words.first(1)); !status.ok()) {
    arguments.complaints.push_back(status.sentence);
  }
  if (words.size() > 1) {
    arguments.complaints.push_back("argument '" + to_text(words.subspan(1)) +
                                   "' is left out: only the model stands without a name; "
                                   "write @parts before the parts");
  }
}

void take_setting(std::string_view name, std::span<const Atom> values, Arguments& arguments) {
  if (!find_setting(name)) {
    arguments.complaints.push_back(unknown_name("setting", name, setting_names()));
    return;
  }
  if (Status status = arguments.settings.set(name, values); !status.ok()) {
    arguments.complaints.push_back(status.sentence);
  }
}

}  // namespace

Arguments read_arguments(std::span<const Atom> words) {
  Arguments arguments;
  size_t position = 0;
  const auto next_mark = [&](size_t from) {
    while (from < words.size() && !is_setting_mark(words[from])) {
      ++from;
    }
    return from;
  };
  position = next_mark(0);
  take_model(words.first(position), arguments);
  while (position < words.size()) {
    const std::string name = std::get<std::string>(words[position]).substr(1);
    const size_t end = next_mark(position + 1);
    take_setting(name, words.subspan(position + 1, end - position - 1), arguments);
    position = end;
  }
  return arguments;
}

}  // namespace sideman
