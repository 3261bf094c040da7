"""Django's Redis cache, which forgets instead of failing: a cache that is away is an empty cache, not a broken page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import structlog
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

T = TypeVar("T")


class ForgetfulRedisCache(RedisCache):
    """Without Redis nothing is found and nothing is kept; `add` and `incr` count as the first of their kind."""

    def add(self, *args: Any, **kwargs: Any) -> bool:
        return _or_else(lambda: super(ForgetfulRedisCache, self).add(*args, **kwargs), True)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return _or_else(lambda: super(ForgetfulRedisCache, self).get(key, default, version), default)

    def set(self, *args: Any, **kwargs: Any) -> None:
        _or_else(lambda: super(ForgetfulRedisCache, self).set(*args, **kwargs), None)

    def touch(self, *args: Any, **kwargs: Any) -> bool:
        return _or_else(lambda: super(ForgetfulRedisCache, self).touch(*args, **kwargs), False)

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        return _or_else(lambda: super(ForgetfulRedisCache, self).delete(*args, **kwargs), False)

    def get_many(self, keys: Iterable[Any], version: int | None = None) -> dict[Any, Any]:
        return _or_else(lambda: super(ForgetfulRedisCache, self).get_many(keys, version), {})

    def has_key(self, *args: Any, **kwargs: Any) -> bool:
        return _or_else(lambda: super(ForgetfulRedisCache, self).has_key(*args, **kwargs), False)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        return _or_else(lambda: super(ForgetfulRedisCache, self).incr(key, delta, version), delta)

    def set_many(self, data: dict[Any, Any], *args: Any, **kwargs: Any) -> list[Any]:
        return _or_else(lambda: super(ForgetfulRedisCache, self).set_many(data, *args, **kwargs), [*data])

    def delete_many(self, *args: Any, **kwargs: Any) -> None:
        _or_else(lambda: super(ForgetfulRedisCache, self).delete_many(*args, **kwargs), None)


def _or_else(call: Callable[[], T], without_redis: T) -> T:
    try:
        return call()
    except RedisError as error:
        log.warning("cache.away", error=str(error))
        return without_redis
