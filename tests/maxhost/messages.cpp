// How Max reads a message box and delivers what it says.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iomanip>
#include <sstream>

#include "world.h"

namespace maxhost {

namespace {

using Gimme = void(t_object*, t_symbol*, long, t_atom*);
using Getter = t_max_err(t_object*, void*, long*, t_atom**);
using Setter = t_max_err(t_object*, void*, long, t_atom*);

void write_attribute(t_object* object, Attribute& attribute, std::vector<t_atom> atoms) {
  for (t_atom& atom : atoms) {
    if (attribute.clipped && atom.a_type != A_SYM) {
      const double value =
          std::clamp(atom_getfloat(&atom), attribute.minimum, attribute.maximum);
      atom.a_type == A_LONG ? atom_setlong(&atom, static_cast<t_atom_long>(value))
                            : atom_setfloat(&atom, value);
    }
  }
  as<Setter>(attribute.set)(object, &attribute, static_cast<long>(atoms.size()), atoms.data());
}

}  // namespace

std::vector<t_atom> parse(std::string_view text) {
  std::vector<t_atom> atoms;
  std::istringstream words{std::string(text)};
  for (std::string word; words >> std::quoted(word);) {
    char* end = nullptr;
    const double number = std::strtod(word.c_str(), &end);
    t_atom atom{};
    if (*end != '\0' || word == "inf" || word == "nan") {
      atom_setsym(&atom, gensym(word.c_str()));
    } else if (word.find('.') == std::string::npos) {
      atom_setlong(&atom, static_cast<t_atom_long>(number));
    } else {
      atom_setfloat(&atom, number);
    }
    atoms.push_back(atom);
  }
  return atoms;
}

std::string to_text(const t_atom* atoms, long count) {
  std::string text;
  for (long i = 0; i < count; ++i) {
    char word[64];
    if (atoms[i].a_type == A_SYM) {
      text += (i ? " " : "") + std::string(atom_getsym(atoms + i)->s_name);
      continue;
    }
    if (atoms[i].a_type == A_LONG) {
      std::snprintf(word, sizeof word, "%ld", static_cast<long>(atom_getlong(atoms + i)));
    } else {
      std::snprintf(word, sizeof word, "%g", atom_getfloat(atoms + i));
    }
    text += (i ? " " : "") + std::string(word);
  }
  return text;
}

std::string read_attribute(t_object* object, const std::string& name) {
  long count = 0;
  t_atom* atoms = nullptr;
  Attribute* attribute = find_attribute(name);
  as<Getter>(attribute->get)(object, attribute, &count, &atoms);
  const std::string text = to_text(atoms, count);
  std::free(atoms);
  return text;
}

void deliver(t_object* object, std::string_view message) {
  std::vector<t_atom> atoms = parse(message);
  t_symbol* selector = atom_getsym(&atoms.front());
  const std::string name = selector->s_name;
  atoms.erase(atoms.begin());
  const auto& methods = world().box_class->methods;
  auto known = methods.find(name);
  if (known == methods.end()) {
    if (Attribute* attribute = find_attribute(name)) {
      write_attribute(object, *attribute, std::move(atoms));
      return;
    }
    known = methods.find("anything");
  } else if (known->second.type == A_CANT) {
    return;  // for Max's own calls
  }
  as<Gimme>(known->second.function)(object, selector, static_cast<long>(atoms.size()),
                                    atoms.data());
}

}  // namespace maxhost
