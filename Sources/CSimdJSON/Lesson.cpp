#include <algorithm>
#include <cstring>

#include "Block.hpp"
#include "Outline.hpp"
#include "Plan.hpp"

void sj_outlines::forget() {
    runs.assign(1, run{});
    bytes.clear();
    extras.clear();
}

bool sj_outlines::may_learn() {
    budget = std::min(budget + 1, FIRST_LEARNINGS * TEXTS_PER_LEARNING);
    if (budget < TEXTS_PER_LEARNING) return false;
    budget -= TEXTS_PER_LEARNING;
    return true;
}

void sj_outlines::begin(const sj_plan &plan, const uint8_t *json) {
    lesson.plan = &plan;
    lesson.json = json;
    lesson.at = 0;
    lesson.runs.clear();
    lesson.extras.assign(1, extra{});
    lesson.found.clear();
}

void sj_outlines::add_run(uint32_t end, bool is_last) {
    run added;
    added.begin = lesson.at;
    added.count = end - lesson.at;
    added.is_last = is_last;
    lesson.runs.push_back(added);
    lesson.extras.emplace_back();
}

void sj_outlines::value(uint32_t begin, uint32_t end, uint32_t node) {
    if (lesson.runs.size() > MAXIMUM_VALUES) return;
    add_run(begin, false);
    lesson.at = end;
    if (node == sj_plan::NONE) return;
    const std::vector<uint32_t> &slots = lesson.plan->nodes[node].slots;
    if (!slots.empty()) lesson.runs.back().slot = slots[0];
    if (slots.size() > 1) lesson.extras[lesson.runs.size() - 1].node = node;
    lesson.found.insert(lesson.found.end(), slots.begin(), slots.end());
}

void sj_outlines::bracket(uint32_t at, uint32_t node) {
    if (node == sj_plan::NONE) return;
    const std::vector<uint32_t> &slots = lesson.plan->nodes[node].slots;
    if (slots.empty()) return;
    lesson.extras.back().brackets.push_back(bracket_place{at - lesson.at, node});
    lesson.found.insert(lesson.found.end(), slots.begin(), slots.end());
}

void sj_outlines::end(uint32_t count) {
    if (lesson.runs.size() > MAXIMUM_VALUES) return;
    add_run(count, true);
    std::vector<uint32_t> &missing = lesson.extras[lesson.runs.size() - 1].missing;
    for (uint32_t slot : lesson.plan->slots) {
        if (std::find(lesson.found.begin(), lesson.found.end(), slot) == lesson.found.end()) missing.push_back(slot);
    }
    const bool has_room = runs.size() + lesson.runs.size() <= MAXIMUM_RUNS
        && bytes.size() + count + lesson.runs.size() * SJ_BLOCK <= MAXIMUM_BYTES;
    if (!has_room) forget();
    keep();
}

// The run behind `parent` that is the wanted one, or NONE, and how many there are.
uint32_t sj_outlines::find(const run &wanted, uint32_t parent, uint32_t &alternatives) const {
    alternatives = 0;
    for (uint32_t each = runs[parent].next; each != NONE; each = runs[each].other) {
        const run &known = runs[each];
        alternatives++;
        const uint8_t *const text = lesson.json + wanted.begin;
        if (known.count == wanted.count && std::memcmp(bytes.data() + known.begin, text, wanted.count) == 0) return each;
    }
    return NONE;
}

uint32_t sj_outlines::add(const run &learnt, const extra &extra, uint32_t parent) {
    run added = learnt;
    added.begin = static_cast<uint32_t>(bytes.size());
    const uint8_t *const text = lesson.json + learnt.begin;
    bytes.insert(bytes.end(), text, text + learnt.count);
    bytes.resize(bytes.size() + SJ_BLOCK, 0);
    added.mask = static_cast<uint16_t>((2u << (learnt.count - 1) % SJ_BLOCK) - 1);
    if (extra.node != NONE || !extra.brackets.empty() || !extra.missing.empty()) {
        added.extra = static_cast<uint32_t>(extras.size());
        extras.push_back(extra);
    }
    // The newest comes first: it is what texts look like now.
    added.other = runs[parent].next;
    runs.push_back(added);
    return runs[parent].next = static_cast<uint32_t>(runs.size() - 1);
}

void sj_outlines::keep() {
    uint32_t parent = 0;
    for (size_t i = 0; i < lesson.runs.size(); i++) {
        uint32_t alternatives;
        const uint32_t known = find(lesson.runs[i], parent, alternatives);
        if (known == NONE && alternatives == MAXIMUM_ALTERNATIVES) {
            forget();
            return keep();
        }
        parent = known == NONE ? add(lesson.runs[i], lesson.extras[i], parent) : known;
    }
}
