"""test_months.py - the judge of the bench finds what is wrong with an answer, and the copy in steps
is what it says.  Run by tools/run-bench.sh in the bench's environment."""
import unittest

import numpy

import months


def tiny():
    """Two sellers and one user in one market: 3 + x / 2 and 5 + x, at most 4 each; 20 - 2 x."""
    structure = months.Structure(
        1, 3, numpy.array([0, 1, 2, 3]), numpy.array([0, 0, 0]), numpy.array([1.0, 1.0, -1.0]),
        numpy.array([8.0]), numpy.array([6.0]))
    price = 22 / 3  # 4 + (p - 5) = (20 - p) / 2
    month = months.Month(
        supply=numpy.zeros(1), price=numpy.array([price]), cost=numpy.array([3.0, 5.0, -20.0]),
        slope=numpy.array([0.5, 1.0, 2.0]), capacity=numpy.array([4.0, 4.0, numpy.inf]),
        range=numpy.array([4.0, 4.0, 10.0]),
        level=numpy.array([4.0, price - 5, (20 - price) / 2]))
    structure.fit(month)
    return structure, month


class Judge(unittest.TestCase):
    def test_right_answer_has_no_errors(self):
        structure, month = tiny()
        errors = months.judge(structure, month, month.level, month.price)
        self.assertLess(max(errors.values()), 1e-15)

    def test_too_little_sold_is_an_imbalance(self):
        structure, month = tiny()
        errors = months.judge(structure, month, month.level - [0.5, 0, 0], month.price)
        self.assertGreater(errors["balance"], 0.03)
        self.assertGreater(errors["imbalance"], 0.03)

    def test_surplus_at_a_price_is_found(self):
        structure, month = tiny()
        errors = months.judge(structure, month, month.level - [0, 0, 0.5], month.price)
        self.assertEqual(errors["balance"], 0)
        self.assertGreater(errors["complementarity"], 0.03)

    def test_a_wrong_price_opens_the_gap(self):
        structure, month = tiny()
        errors = months.judge(structure, month, month.level, month.price * 1.1)
        self.assertGreater(errors["gap"], 1e-3)
        self.assertAlmostEqual(errors["price"], 0.1)

    def test_a_level_beyond_its_capacity_does_not_count(self):
        structure, month = tiny()
        errors = months.judge(structure, month, month.level + [1, 0, 1], month.price)
        self.assertGreater(errors["balance"], 0.05)


class Copy(unittest.TestCase):
    def test_steps_follow_the_curve(self):
        structure, month = tiny()
        steps = months.Steps(structure, month)
        cost, width, _ = steps.scale(month)
        first = steps.of == 0
        self.assertEqual(first.sum(), months.SEGMENTS)
        by = steps.column[0] / structure.objective
        numpy.testing.assert_allclose(cost[first] / by, 3 + 0.5 * 4 * (numpy.arange(5) + 0.5) / 5)
        self.assertAlmostEqual((width[first] * steps.column[0]).sum(), 4)
        self.assertTrue(numpy.isinf(width[steps.of == 2][-1]))

    def test_flat_costs_stay_one_step(self):
        structure, month = tiny()
        month.slope[0] = 1e-3
        self.assertEqual((months.Steps(structure, month).of == 0).sum(), 1)


if __name__ == "__main__":
    unittest.main()
