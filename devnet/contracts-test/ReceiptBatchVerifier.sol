// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title A second implementation of docs/receipts.md, for the test vectors alone.
contract ReceiptBatchVerifier {
    struct Receipt {
        address provider;
        address consumer;
        uint8 workload;
        uint64 nonce;
        bytes32[] assets;
        uint256 units;
        uint256 fee;
        uint64 startedAtSeconds;
        uint64 finishedAtSeconds;
        bytes32 inputHash;
        bytes32 outputHash;
    }

    struct ReceiptBatch {
        uint16 version;
        address provider;
        uint64 sequence;
        bytes32 previous;
        uint32 count;
        uint256 feeTotal;
        bytes32 root;
    }

    struct Verified {
        bytes32 digest;
        address signer;
        bytes32 root;
        uint256 feeTotal;
        bytes32[] digests;
    }

    bytes32 private constant DOMAIN_TYPE =
        keccak256(
            "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
        );
    bytes32 private constant RECEIPT_TYPE =
        keccak256(
            "Receipt(address provider,address consumer,uint8 workload,uint64 nonce,bytes32[] assets,uint256 units,uint256 fee,uint64 startedAtSeconds,uint64 finishedAtSeconds,bytes32 inputHash,bytes32 outputHash)"
        );
    bytes32 private constant BATCH_TYPE =
        keccak256(
            "ReceiptBatch(uint16 version,address provider,uint64 sequence,bytes32 previous,uint32 count,uint256 feeTotal,bytes32 root)"
        );

    error VersionUnknown();

    /// @notice Recomputes everything that a batch's bytes claim, for a domain.
    function verifyBatch(
        bytes calldata encoded,
        uint256 chainId,
        address registry
    ) external pure returns (Verified memory verified) {
        if (bytes6(encoded[:6]) != bytes6("FGRB\x00\x01")) revert VersionUnknown();
        (ReceiptBatch memory batch, Receipt[] memory receipts, bytes memory signature) = abi.decode(
            encoded[6:],
            (ReceiptBatch, Receipt[], bytes)
        );
        bytes32 domain = domainOf(chainId, registry);
        verified.digests = new bytes32[](receipts.length);
        for (uint256 i = 0; i < receipts.length; i++) {
            verified.digests[i] = _digest(domain, _receiptHash(receipts[i]));
            verified.feeTotal += receipts[i].fee;
        }
        verified.root = rootOf(verified.digests);
        verified.digest = _digest(
            domain,
            keccak256(
                abi.encode(
                    BATCH_TYPE,
                    batch.version,
                    batch.provider,
                    batch.sequence,
                    batch.previous,
                    batch.count,
                    batch.feeTotal,
                    batch.root
                )
            )
        );
        verified.signer = recover(verified.digest, signature);
    }

    /// @notice The digest and the signer of a receipt that comes alone.
    function verifyReceipt(
        Receipt calldata receipt,
        bytes calldata signature,
        uint256 chainId,
        address registry
    ) external pure returns (bytes32 digest, address signer) {
        digest = _digest(domainOf(chainId, registry), _receiptHash(receipt));
        signer = recover(digest, signature);
    }

    /// @notice Whether a receipt's digest is under a root.
    function isUnder(
        bytes32 root,
        bytes32 digest,
        bytes32[] calldata proof
    ) external pure returns (bool) {
        bytes32 node = _leaf(digest);
        for (uint256 i = 0; i < proof.length; i++) node = _pair(node, proof[i]);
        return node == root;
    }

    /// @notice The root over digests that are given by ascending leaf.
    function rootOf(bytes32[] memory digests) public pure returns (bytes32) {
        bytes32[] memory tree = new bytes32[](2 * digests.length - 1);
        for (uint256 i = 0; i < digests.length; i++) tree[tree.length - 1 - i] = _leaf(digests[i]);
        for (uint256 i = digests.length - 1; i > 0; i--) {
            tree[i - 1] = _pair(tree[2 * i - 1], tree[2 * i]);
        }
        return tree[0];
    }

    function domainOf(uint256 chainId, address registry) public pure returns (bytes32) {
        return
            keccak256(
                abi.encode(DOMAIN_TYPE, keccak256("Foggara"), keccak256("1"), chainId, registry)
            );
    }

    function recover(bytes32 digest, bytes memory signature) public pure returns (address) {
        require(signature.length == 65, "65 bytes");
        bytes32 r;
        bytes32 s;
        uint8 v;
        assembly {
            r := mload(add(signature, 32))
            s := mload(add(signature, 64))
            v := byte(0, mload(add(signature, 96)))
        }
        require(
            uint256(s) <= 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0,
            "lower s"
        );
        return ecrecover(digest, v, r, s);
    }

    function _receiptHash(Receipt memory receipt) private pure returns (bytes32) {
        bytes memory head = abi.encode(
            RECEIPT_TYPE,
            receipt.provider,
            receipt.consumer,
            receipt.workload,
            receipt.nonce,
            keccak256(abi.encodePacked(receipt.assets))
        );
        bytes memory tail = abi.encode(
            receipt.units,
            receipt.fee,
            receipt.startedAtSeconds,
            receipt.finishedAtSeconds,
            receipt.inputHash,
            receipt.outputHash
        );
        return keccak256(bytes.concat(head, tail));
    }

    function _digest(bytes32 domain, bytes32 structHash) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    function _leaf(bytes32 digest) private pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(digest))));
    }

    function _pair(bytes32 one, bytes32 other) private pure returns (bytes32) {
        return
            one < other
                ? keccak256(abi.encodePacked(one, other))
                : keccak256(abi.encodePacked(other, one));
    }
}
