"""Sampling error by leaving out clusters: intervals, p values and covariances without a random draw.

The clips are not independent: a recording, a speaker and a sentence each occur in many. The jackknife computes a metric
again without each cluster; the *replicates* give the variance of the metric and of anything computed from it (averages,
differences, thresholds). One array of replicates holds those of every factor, one after the other, so that a function
of metrics is applied to replicates as it is to the metrics.

    V_f = sum over strata of (n - 1) / n * sum over its n clusters of (replicate - value)^2

Scenes and events vary by source recording, drawn within its scene. Words vary by speaker, sentence and recording, which
are crossed (Cameron, Gelbach and Miller, 2011, "Robust inference with multiway clustering", J. Bus. Econ. Stat. 29(2),
section 2.3): with v for speaker, s for sentence, r for recording

    V = (U_v + U_s + U_r - U_vs - U_vr - U_sr + U_vsr) / (1 - p), and at least the largest of V_v, V_s, V_r.

U_f = sum of (1 - w)^2 * (replicate - value)^2, with w the share of the words in the cluster: the plain sum of squares,
without the jackknife's inflation. All deviations are taken from the same mean, which moves with every cluster; p, the
probability that two words drawn at random share a speaker, a sentence or a recording, is the part of V that it takes
away. (With one factor of n equal clusters p is 1 / n, and U / (1 - p) is the jackknife.)

The t quantile has the degrees of freedom of the factor with the largest variance, by Satterthwaite over its strata with
G* - 1 each; G* = (sum N)^2 / sum N^2 is the effective number of clusters of N words or clips. What these choices cover
is simulated in benchmarks/interval_coverage.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from .intervals import LEVEL, Interval

NO_VARIANCE = 1e-18
"""Squared points: what is left of equal replicates by rounding."""


@dataclass(frozen=True)
class Factor:
    """The clusters that are left out one by one, sorted by stratum and name.

    Attributes:
        names: The grouping columns, such as ("speaker",) or ("speaker", "sentence").
        sign: Sign of its variance in the sum: 1, or -1 for two columns.
        stratum: Stratum of each cluster, shape (clusters,), from 0.
        sizes: Words or clips of each cluster, shape (clusters,).
        strata: Names of the strata.
        drawn: Probability with which each cluster was drawn from the finite population that a value is about, shape
            (clusters,); None where it stands for an endless one.
    """

    names: tuple[str, ...]
    sign: int
    stratum: NDArray[np.int64]
    sizes: NDArray[np.float64]
    strata: tuple[str, ...]
    drawn: NDArray[np.float64] | None = None

    @property
    def counts(self) -> NDArray[np.int64]:
        """Number of clusters in each stratum; those without a word or clip do not count."""
        return np.bincount(self.stratum[self.sizes > 0], minlength=len(self.strata))

    @property
    def coefficients(self) -> NDArray[np.float64]:
        """Weight of each cluster's squared deviation: (n - 1) / n of its stratum, 0 where it is alone there.

        Of a finite population only the share that was not drawn varies.
        """
        counts = np.maximum(self.counts[self.stratum], 1)
        return np.asarray((counts - 1) / counts * (1 if self.drawn is None else 1 - self.drawn))

    @property
    def shares(self) -> NDArray[np.float64]:
        """Share of all words or clips in each cluster, shape (clusters,)."""
        return np.asarray(self.sizes / max(self.sizes.sum(), 1))

    @property
    def fixed(self) -> tuple[str, ...]:
        """Strata of a single cluster: nothing can be left out there, so they are held as they are."""
        return tuple(name for name, count in zip(self.strata, self.counts, strict=True) if count == 1)

    def degrees_of_freedom(self, by_cluster: NDArray[np.float64]) -> float:
        """Satterthwaite's degrees of freedom over strata, from each cluster's contribution to the variance."""
        strata = len(self.strata)
        sums = np.bincount(self.stratum, weights=self.sizes, minlength=strata)
        squares = np.bincount(self.stratum, weights=self.sizes**2, minlength=strata)
        by_stratum = np.bincount(self.stratum, weights=by_cluster, minlength=strata).astype(np.float64)
        return combined_freedom(by_stratum, np.divide(sums**2, squares, out=np.ones(strata), where=squares > 0) - 1)


def combined_freedom(variances: NDArray[np.float64], freedoms: NDArray[np.float64]) -> float:
    """Satterthwaite's degrees of freedom of a sum of independent variances; 1 where there is none."""
    some = variances > NO_VARIANCE
    if not some.any():
        return 1.0
    return float(variances[some].sum() ** 2 / (variances[some] ** 2 / np.maximum(freedoms[some], 1e-9)).sum())


@dataclass(frozen=True)
class SamplingError:
    """The variance of a value, in squared units of the value and above 0, and its degrees of freedom."""

    variance: float
    degrees_of_freedom: float

    def plus(self, variance: float, degrees_of_freedom: float) -> SamplingError:
        """With an independent part added: Satterthwaite, with no more freedom than before, so no interval narrows."""
        parts = np.array([self.variance, variance])
        freedoms = np.array([self.degrees_of_freedom, degrees_of_freedom])
        return SamplingError(float(parts.sum()), min(combined_freedom(parts, freedoms), self.degrees_of_freedom))

    def interval(self, value: float, level: float = LEVEL) -> Interval:
        """The central t interval around a value."""
        from scipy.special import stdtrit

        half = float(stdtrit(self.degrees_of_freedom, 0.5 + level / 2)) * self.variance**0.5
        return Interval.rounded(value - half, value + half)

    def p_value(self, difference: float) -> float:
        """Two-sided p of a difference under the hypothesis that it is 0 (t test)."""
        from scipy.special import stdtr

        return float(2 * stdtr(self.degrees_of_freedom, -abs(difference) / self.variance**0.5))


@dataclass(frozen=True)
class Jackknife:
    """What is left out for the replicates of one table of answers.

    Attributes:
        factors: Single factors first; their clusters are the columns of an array of replicates, one after the other.
        of_row: For each factor the cluster of each row, shape (rows,).
    """

    factors: tuple[Factor, ...]
    of_row: tuple[NDArray[np.int32], ...]

    def take(self, mask: NDArray[np.bool_]) -> Jackknife:
        """The same clusters for the rows where `mask` is True."""
        return Jackknife(self.factors, tuple(of_row[mask] for of_row in self.of_row))

    def of_part(self, mask: NDArray[np.bool_], sizes: NDArray[np.float64]) -> Jackknife:
        """As `take`, with the sizes that the clusters have in those rows: for the sampling error of that part alone.

        Args:
            mask: The rows of the part, shape (rows,).
            sizes: Words or clips of each row, shape (rows,).
        """
        part = self.take(mask)
        factors = tuple(
            replace(factor, sizes=np.bincount(of_row, sizes[mask], len(factor.sizes)).astype(np.float64))
            for factor, of_row in zip(self.factors, part.of_row, strict=True)
        )
        return Jackknife(factors, part.of_row)

    def without(self, name: str) -> Jackknife:
        """With a grouping column held fixed."""
        kept = [number for number, factor in enumerate(self.factors) if name not in factor.names]
        return Jackknife(tuple(self.factors[one] for one in kept), tuple(self.of_row[one] for one in kept))

    @property
    def names(self) -> tuple[str, ...]:
        """The grouping columns."""
        return tuple(factor.names[0] for factor in self.singles)

    @property
    def singles(self) -> tuple[Factor, ...]:
        """The factors of one column."""
        return tuple(factor for factor in self.factors if len(factor.names) == 1)

    @property
    def fixed(self) -> tuple[str, ...]:
        """Strata in which nothing can be left out, since a factor has one cluster there."""
        return tuple(dict.fromkeys(name for factor in self.factors for name in factor.fixed))

    def split(self, replicates: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        """The replicates of each factor, from an array of shape (..., replicates)."""
        ends = np.cumsum([len(factor.sizes) for factor in self.factors])
        return np.split(replicates, ends[:-1], axis=-1)

    @property
    def crossed(self) -> list[NDArray[np.float64]]:
        """Weight of each replicate's squared deviation in the variance by all factors together, signed.

        That of the one factor, where there is only one; all 0 where any two words share a cluster.
        """
        if len(self.factors) == 1:
            return [self.factors[0].coefficients]
        sharing = sum(factor.sign * float((factor.shares**2).sum()) for factor in self.factors)
        scale = 1 / (1 - sharing) if sharing < 1 - 1e-9 else 0.0
        return [factor.sign * scale * (1 - factor.shares) ** 2 for factor in self.factors]

    def gap(self, replicates: NDArray[np.float64]) -> str | None:
        """Why replicates tell nothing, in words: a factor has one cluster only, or one that holds all there is."""
        if self.few_clusters is not None:
            return self.few_clusters
        for number, (factor, part) in enumerate(zip(self.factors, self.split(replicates), strict=True)):
            if np.isnan(part[factor.coefficients > 0]).any():  # first in a factor of one column
                alone = self.of_row and len(np.unique(self.of_row[number])) == 1
                return f"one {factor.names[0]} {'only' if alone else 'holds all there is'}"
        return None

    @property
    def few_clusters(self) -> str | None:
        """Which factor has only one cluster, in every stratum; None if none has."""
        for number, factor in enumerate(self.singles):
            if factor.drawn is not None and (factor.drawn == 1).all():
                return f"every {factor.names[0]} was asked"
            if not factor.coefficients.any():
                silent = self.of_row and len(np.unique(self.of_row[number])) > np.count_nonzero(factor.sizes)
                only = "holds all there is" if silent else "only"
                return f"one {factor.names[0]} {only}" + (" in each scene" if len(factor.strata) > 1 else "")
        return None

    def unknown(self, replicates: NDArray[np.float64], value: float, what: str = "score") -> str | None:
        """Why the sampling error of a value (`what`) is not known, in words; None if it is.

        A value that no cluster changes is not certain: it may be 0 or 100, and the clips cannot tell what lies beyond.
        """
        if (gap := self.gap(replicates)) is not None:
            return gap
        if self._error(replicates, value).variance > NO_VARIANCE:
            return None
        return f"no cluster changes the {what}: without any one of them it is the same"

    def error_of(self, replicates: NDArray[np.float64], value: float) -> SamplingError | None:
        """The sampling error of a value from its replicates; None where it is not known (`unknown` says why)."""
        if self.gap(replicates) is not None:
            return None
        error = self._error(replicates, value)
        return error if error.variance > NO_VARIANCE else None

    def _error(self, replicates: NDArray[np.float64], value: float) -> SamplingError:
        squares = [
            np.where(factor.coefficients > 0, part - value, 0.0) ** 2
            for factor, part in zip(self.factors, self.split(replicates), strict=True)
        ]
        biases = [
            float(factor.coefficients @ (part - value))
            for factor, part in zip(self.factors, self.split(replicates), strict=True)
            if factor.drawn is not None
        ]
        together = sum((bias / 2) ** 2 for bias in biases) + sum(
            float(weight @ square) for weight, square in zip(self.crossed, squares, strict=True)
        )
        singles = [factor.coefficients * square for factor, square in zip(self.singles, squares, strict=False)]
        largest = max(float(part.sum()) for part in singles)
        return SamplingError(max(together, largest), self.degrees_of_freedom(singles))

    def degrees_of_freedom(self, by_cluster: Sequence[NDArray[np.float64]]) -> float:
        """Those of the single factor with the largest variance, from each factor's contributions by cluster."""
        factor, largest = max(zip(self.singles, by_cluster, strict=True), key=lambda single: float(single[1].sum()))
        return factor.degrees_of_freedom(largest)


def make_jackknife(
    columns: Mapping[str, Sequence[str]], strata: Sequence[str], sizes: NDArray[np.float64]
) -> Jackknife:
    """The jackknife of a table.

    Args:
        columns: Name of each grouping column and its value in each row; several columns are crossed.
        strata: The stratum of each row; clusters are left out within strata.
        sizes: Words or clips of each row, for the effective number of clusters.
    """
    codes = {name: _codes(values)[1] for name, values in columns.items()}
    stratum_names, stratum_of_row = _codes(strata)
    factors, of_rows = [], []
    for count in range(1, len(codes) + 1):
        for names in combinations(codes, count):
            keys = stratum_of_row
            for name in names:
                keys = np.unique(keys * (int(codes[name].max(initial=0)) + 1) + codes[name], return_inverse=True)[1]
            clusters = int(keys.max(initial=-1)) + 1
            stratum = np.zeros(clusters, dtype=np.int64)
            stratum[keys] = stratum_of_row
            weights = np.bincount(keys, weights=sizes, minlength=clusters).astype(np.float64)
            factors.append(Factor(names, 1 if count % 2 else -1, stratum, weights, stratum_names))
            of_rows.append(keys.astype(np.int32))
    return Jackknife(tuple(factors), tuple(of_rows))


def _codes(values: Sequence[str]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """The distinct values in order, and the place of each value among them."""
    names = tuple(sorted(set(values)))
    places = {name: number for number, name in enumerate(names)}
    return names, np.fromiter((places[value] for value in values), dtype=np.int64, count=len(values))
