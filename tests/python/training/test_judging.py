"""The losses of ARC-Forcing: their direction, their zero, and rolls that leave the batch alone."""

from __future__ import annotations

import math

import torch
from small_model import random_conditions, small_network

from sideman.training.judging import both_told, contrastive, relativistic, rolled, won

NETWORK = small_network(tags=2)


def test_relativistic_is_softplus_of_the_difference_patch_by_patch():
    better, worse = torch.tensor([[2.0, 0.0]]), torch.tensor([[0.0, 0.0]])
    expected = (math.log1p(math.exp(-2.0)) + math.log(2.0)) / 2
    assert abs(relativistic(better, worse).item() - expected) < 1e-6
    assert relativistic(worse, better) > relativistic(better, worse)


def test_contrastive_counts_only_the_rows_that_can_be_told_apart():
    right, wrong = torch.tensor([[3.0], [0.0]]), torch.tensor([[0.0], [9.0]])
    only_first = contrastive(right, wrong, torch.tensor([1.0, 0.0]))
    assert abs(only_first.item() - math.log1p(math.exp(-3.0))) < 1e-6
    assert contrastive(right, wrong, torch.zeros(2)) == 0


def test_won_is_the_share_of_counted_rows():
    better, worse = torch.tensor([[1.0], [1.0], [0.0]]), torch.tensor([[0.0], [2.0], [3.0]])
    assert abs(won(better, worse, torch.ones(3)) - 1 / 3) < 1e-6
    assert won(better, worse, torch.zeros(3)) == 0.5


def test_a_roll_gives_each_row_the_one_before_and_leaves_the_original():
    told = random_conditions(NETWORK, 3, 8)
    before = told.heard.clone()
    wrong = rolled(told, "heard")
    assert torch.equal(wrong.heard[1], told.heard[0])
    assert torch.equal(wrong.heard[0], told.heard[2]), "the first row gets the last, unchanged"
    assert torch.equal(wrong.heard_known[1], told.heard_known[0])
    assert torch.equal(wrong.clock, told.clock)
    assert torch.equal(told.heard, before)


def test_rows_count_only_where_both_are_told_and_differ():
    told = random_conditions(NETWORK, 4, 8)
    told.tags[1] = 0
    told.tags[3] = told.tags[2]
    assert both_told(told, "tags").tolist() == [1.0, 0.0, 0.0, 0.0]
    told.heard_known[:] = 1
    told.heard_known[0] = 0
    assert both_told(told, "heard").tolist() == [0.0, 0.0, 1.0, 1.0]
